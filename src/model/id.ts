/**
 * A new unguessable id: 128 random bits as 22 characters of base64url.
 *
 * Uses `crypto.getRandomValues`, because `crypto.randomUUID` is missing on pages served over plain http.
 */
export function createId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .slice(0, 22)
}
