import { nearest, type Platform, userError } from '../model/index.ts';

/** What is built for when nothing is said. */
const DEFAULT: Platform = { os: 'linux', architecture: 'amd64' };
const PART = /^[a-z0-9_.-]+$/;
/** Systems and architectures that images are made for: values of Go's GOOS and GOARCH (OCI image-index.md, `platform`). */
const SYSTEMS = ['linux', 'windows', 'darwin', 'freebsd', 'openbsd', 'netbsd', 'solaris', 'illumos', 'wasi', 'wasip1'];
const ARCHITECTURES = [
  ...['amd64', 'arm64', 'arm', '386', 'ppc64le', 'ppc64', 's390x', 'riscv64', 'loong64', 'wasm'],
  ...['mips', 'mipsle', 'mips64', 'mips64le'],
];

/** `os/architecture[/variant]`, as OCI and Docker write it. */
export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, variant].filter((part) => part !== undefined).join('/');

/** Reads `os/architecture[/variant]`. Throws `config-invalid`. */
export function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant, ...more] = text.trim().toLowerCase().split('/');
  if (![os, architecture, variant ?? 'v'].every((part) => PART.test(part)) || more.length > 0) {
    throw userError('config-invalid', `\`${text}\` is no platform.`, { remedy: 'Write it like linux/amd64.' });
  }
  mustBeKnown(text, os, SYSTEMS);
  mustBeKnown(text, architecture, ARCHITECTURES);
  // Both names are in use for it; the image specification knows this one (image-index.md, platform variants).
  const plain = architecture === 'arm64' && variant === 'v8';
  return { os, architecture, ...(variant === undefined || plain ? {} : { variant }) };
}

function mustBeKnown(text: string, part: string, known: readonly string[]): void {
  if (known.includes(part)) return;
  const meant = nearest(part, known);
  throw userError('config-invalid', `\`${text}\` is no platform: nothing runs on ${part}.`, {
    remedy: meant === undefined ? `There is: ${known.join(', ')}.` : `Did you mean \`${meant}\`?`,
  });
}

/** The platforms of the settings, sorted, each once; linux/amd64 when none is named. */
export function platformsOf(texts: readonly string[]): readonly Platform[] {
  const found = new Map(texts.map(parsePlatform).map((it) => [formatPlatform(it), it] as const));
  return found.size === 0 ? [DEFAULT] : [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => it);
}
