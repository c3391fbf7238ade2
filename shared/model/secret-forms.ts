/** Shorter values would blank out ordinary words. */
const SHORTEST_SECRET = 6;

/**
 * The forms in which a secret may stand in a text: as it is, and as JSON, URLs, base64 and hex encode it. None is shorter
 * than {@link SHORTEST_SECRET}; each line of a many-line secret counts by itself.
 */
export function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const values = [secret.trim(), ...lines].filter((it) => it.length >= SHORTEST_SECRET);
  const forms = values.flatMap((value) => [
    value,
    ...inJson(value),
    ...inUrl(value),
    ...inBase64(value),
    ...inHex(value),
  ]);
  return [...new Set(forms)].filter((it) => it.length >= SHORTEST_SECRET);
}

/** A text in JSON, in JSON that is a text in JSON, and as encoders write it that make JSON safe for HTML. */
function inJson(value: string): readonly string[] {
  const once = inQuotes(value);
  return [once, inQuotes(once), once.replace(/[<>&]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`)];
}

const inQuotes = (value: string): string => JSON.stringify(value).slice(1, -1);

/** As a component of a URL, as a field of a form, and with the digits of `%2f` in either case. */
function inUrl(value: string): readonly string[] {
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const strict = form.replaceAll('+', '%20');
  const loose = strict.replace(/%(?:21|27|28|29|7E)/g, decodeURIComponent);
  return [form, strict, loose].flatMap((it) => [it, it.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/**
 * By itself, with padding and without, and inside of more (`user:secret`): there it begins at one of three offsets, and
 * what is certain are the characters that hold nothing but its own bits. In both alphabets of RFC 4648.
 */
function inBase64(value: string): readonly string[] {
  const bytes = inBytes(value);
  const alone = btoa(bytes);
  const inside = [0, 1, 2].map((offset) => {
    const padded = btoa('\0'.repeat(offset) + bytes);
    const strange = (offset + bytes.length) % 3;
    // A last byte of its own shares its second character with what follows, and two share their third.
    return padded.slice(offset === 0 ? 0 : offset + 1, strange === 0 ? undefined : strange - 4);
  });
  return [alone, alone.replace(/=+$/, ''), ...inside].flatMap((it) => [
    it,
    it.replaceAll('+', '-').replaceAll('/', '_'),
  ]);
}

function inHex(value: string): readonly string[] {
  const hex = [...new TextEncoder().encode(value)].map((it) => it.toString(16).padStart(2, '0')).join('');
  return [hex, hex.toUpperCase()];
}

/** UTF-8 bytes as a string of one character a byte, which is what btoa takes. */
const inBytes = (text: string): string =>
  [...new TextEncoder().encode(text)].map((it) => String.fromCharCode(it)).join('');
