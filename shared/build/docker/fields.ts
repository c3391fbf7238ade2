/** `key=value` pairs as buildx reads them: one record of comma-separated values (RFC 4180). */
export const fields = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([key, value]) => quoted(`${key}=${value}`))
    .join(',');

const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
