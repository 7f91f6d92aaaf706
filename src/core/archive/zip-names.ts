// Names of files in a zip, which say of themselves that they are UTF-8 or are taken for the letters of DOS.
// Pure; TextDecoder is the platform's and knows no code page 437.

/** Letters 128 to 255 of code page 437, which the zip format means where nothing else is said. */
const CODE_PAGE_437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ' +
  'áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
  'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0';

/**
 * UTF-8 whether the archive says so or not (many writers forget); code page 437 where it is not valid UTF-8.
 * @returns the name with forward slashes
 */
export function decodeName(bytes: Uint8Array): string {
  return (decodeUtf8(bytes) ?? decodeDos(bytes)).replaceAll('\\', '/');
}

/** Null where the bytes are no valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  if (bytes.every((byte) => byte < 0x80)) return decodeDos(bytes);
  try {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    return null;
  }
}

function decodeDos(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes)
    text += byte < 0x80 ? String.fromCharCode(byte) : (CODE_PAGE_437[byte - 0x80] ?? '');
  return text;
}
