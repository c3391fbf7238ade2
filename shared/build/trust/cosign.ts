import { formatImage, type ImageRef, type SignSettings, userError } from '../../model/index.ts';
import { runTool, type ToolMachine } from './tools.ts';

/**
 * Signs an image by its digest with the cosign of the machine, which speaks with the registry by the login of Docker's
 * config as we do. Throws `signing-failed`, `cancelled`.
 */
export async function signWithCosign(image: ImageRef, settings: SignSettings, machine: ToolMachine): Promise<void> {
  const command = ['cosign', 'sign', '--yes', ...keyOf(settings), ...settings.args, formatImage(image)] as const;
  const there = await runTool({ command, title: 'Signature of the image', code: 'signing-failed' }, machine);
  if (!there) {
    throw userError(
      'signing-failed',
      '`image.sign` asks for a signature, but there is no program `cosign` on this runner.',
      {
        remedy: 'Add sigstore/cosign-installer before this step.',
      },
    );
  }
}

/** Without a key cosign signs by the identity of the run. */
function keyOf({ cosign }: SignSettings): readonly string[] {
  if (cosign === 'keyless') return [];
  return ['--key', 'env' in cosign ? `env://${cosign.env}` : cosign.kms];
}
