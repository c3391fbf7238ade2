import { type CheckResult, notYet, type VerifySettings } from '../model/index.ts';
import { type JudgeDeps, verifyHttp } from './http.ts';

/**
 * What a deploy calls to have its image looked at. Throws `not-yet` when metrics are configured: a judgement that is
 * wished for and not made would pass by silence.
 */
export function verifierOf(
  settings: VerifySettings,
  deps: JudgeDeps,
): (url: string | undefined, signal: AbortSignal) => Promise<readonly CheckResult[]> {
  if (settings.metrics !== undefined) throw notYet({ key: 'deploy.verify.metrics' });
  return (url, signal) => verifyHttp(settings.http, deps, url, signal);
}
