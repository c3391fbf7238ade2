import { userError } from '../../model/index.ts';
import { type HttpRequest, shownRequest } from './transport.ts';

/**
 * An answer whose body has arrived, so that a connection that breaks while it is read is a failure of the request, and
 * repeated with it. Throws `image-invalid` when a success has more bytes than `longest`.
 */
export async function whole(response: Response, request: HttpRequest, longest: number): Promise<Response> {
  if (!response.ok || response.body === null) return response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > longest) {
      throw userError(
        'image-invalid',
        `${shownRequest(request)} gave more than ${longest} bytes: that is nothing of its kind.`,
      );
    }
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(Buffer.concat(chunks), { status, headers });
}
