/**
 * Whether a page of this origin may talk to us: one from the host it asks for, or one from the list. Compared as they
 * are, scheme, host and port: browsers send them in one form, and what comes in another form is not a browser.
 */
export function mayAsk(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  return isOwn(origin, host) || (origin !== undefined && allowed.includes(origin))
}

/** Whether a page comes from the very host it asks for. */
export function isOwn(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && isHost(host) && (origin === `http://${host}` || origin === `https://${host}`)
}

/** Whether this is a host and port as browsers write them; anything else must not get into a header of ours. */
export function isHost(host: string | undefined): host is string {
  return host !== undefined && /^(?:[a-z\d.-]+|\[[a-f\d:.]+\])(?::\d{1,5})?$/.test(host)
}
