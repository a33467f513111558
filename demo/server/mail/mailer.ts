import { createTransport } from 'nodemailer'

/** Hands mail to a mail server. */
export interface Mailer {
  /** What the site is called in its mail: the name of the sender, else the domain of their address. */
  readonly site: string
  /**
   * Settles when the mail server has taken it.
   *
   * @throws {MailError} That says nothing of the address.
   */
  send(mail: Mail): Promise<void>
  close(): void
}

export interface Mail {
  /** One address, and nothing else. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly files: readonly MailedFile[]
}

export interface MailedFile {
  readonly name: string
  readonly mime: string
  readonly content: Buffer
}

/** `refused`: the mail server takes nothing for this address. `failed`: it could not be reached, or would not now. */
export class MailError extends Error {
  override readonly name = 'MailError'
  readonly outcome: 'refused' | 'failed'

  constructor(outcome: MailError['outcome'], message: string) {
    super(message)
    this.outcome = outcome
  }
}

export interface MailerOptions {
  /** `smtp://` or `smtps://`, with user and password where they are needed. */
  readonly url: string
  readonly from: Sender
}

export interface Sender {
  /** Empty: none was given. */
  readonly name: string
  readonly address: string
}

/** How long the mail server may be silent, in milliseconds. */
const SILENCE = 20_000
const SENDER = /^(?:"([^"<>\p{Cc}]*)"\s*<|([^"<>\p{Cc}]*)<)?([^\s@<>"(),:;]+@[^\s@<>"(),:;]+)(>?)$/u

/** Reads `Fernhill Lamps <chat@fernhill.example>`, or an address alone; `undefined` if it is neither. */
export function readSender(value: string): Sender | undefined {
  const [, quoted, bare, address, end] = SENDER.exec(value.trim()) ?? []
  const name = quoted ?? bare
  if (!address || (name === undefined) !== (end === '')) return undefined
  return { name: name?.trim() ?? '', address }
}

export function createMailer({ url, from }: MailerOptions): Mailer {
  const patience = { connectionTimeout: SILENCE, greetingTimeout: SILENCE, socketTimeout: SILENCE }
  // What is sent is given: a mail never reads a file or an address of its own accord.
  const transport = createTransport(url, { ...patience, disableFileAccess: true, disableUrlAccess: true })
  return {
    site: from.name || from.address.split('@')[1]!,
    async send({ to, subject, text, html, files }) {
      try {
        await transport.sendMail({
          from,
          // As an object, it is not looked through for more addresses.
          to: { name: '', address: to },
          subject,
          text,
          html,
          attachments: files.map(({ name, mime, content }) => ({ filename: name, contentType: mime, content })),
          // No answering machine answers this.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }
        })
      } catch (error) {
        // Its message names the address: what is told is the kind of failure and the number of the answer.
        const { code = 'unknown', responseCode = 0 } = error as { code?: string; responseCode?: number }
        const isRefused = code === 'EENVELOPE' && responseCode >= 500
        throw new MailError(isRefused ? 'refused' : 'failed', `${code} ${responseCode}`)
      }
    },
    close: () => transport.close()
  }
}
