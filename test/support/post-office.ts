import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail server on this machine, which keeps what it is given and passes nothing on. */
export interface PostOffice {
  readonly url: string
  readonly mails: readonly Posted[]
  /** What it answers to each recipient; `undefined`: takes it. */
  refusal: { readonly code: number; readonly words: string } | undefined
  close(): Promise<void>
}

/** A mail as it arrived. */
export interface Posted {
  /** Whom it was handed in for, whatever its header says. */
  readonly recipients: readonly string[]
  readonly raw: string
  readonly mail: Email
}

export async function openPostOffice(): Promise<PostOffice> {
  const mails: Posted[] = []
  const office: PostOffice = {
    url: '',
    mails,
    refusal: undefined,
    close: () => new Promise(resolve => server.close(resolve))
  }
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    logger: false,
    onRcptTo(_address, _session, done) {
      if (!office.refusal) return done()
      const { code, words } = office.refusal
      done(Object.assign(new Error(words), { responseCode: code }))
    },
    async onData(stream, { envelope }, done) {
      const parts: Buffer[] = []
      for await (const part of stream as AsyncIterable<Buffer>) parts.push(part)
      const raw = Buffer.concat(parts)
      mails.push({
        recipients: envelope.rcptTo.map(({ address }) => address),
        raw: raw.toString('utf8'),
        mail: await PostalMime.parse(raw)
      })
      done()
    }
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.on('error', reject)
    const listener = server.listen(0, '127.0.0.1', () => {
      const address = listener.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  return Object.assign(office, { url: `smtp://127.0.0.1:${port}` })
}
