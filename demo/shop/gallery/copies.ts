import type { ScenarioStep } from '../../../src/testing/index.ts'
import type { Transport } from '../../../src/transport/transport.ts'
import { AWAY, HOME, MARA, SEEN, TALK } from './cast.ts'
import { type Group, type Stage, type State, THREAD } from './state.ts'

/** A transport whose backend sends copies by e-mail, if this state is about them. */
export function withMail(transport: Transport, { mail }: State): Transport {
  if (!mail) return transport
  return {
    name: transport.name,
    async connect(request) {
      const connection = await transport.connect(request)
      return { ...connection, capabilities: { ...connection.capabilities, mail: { url: mail, ticket: 'gallery' } } }
    }
  }
}

/** Says yes to everything. */
const SENDS = 'data:application/json,{}'
/** Is not there. */
const FAILS = '/api/nowhere'

const OVER: readonly ScenarioStep[] = [
  HOME,
  ...TALK,
  { do: 'notice', code: 'ended-by-agent', name: MARA, at: -60_000 },
  { do: 'session', state: 'rated', agent: MARA, score: 5 },
  SEEN
]

const ask = ({ press }: Stage) => press('.mailing .copy')
const send = async (stage: Stage, to: string) => {
  await ask(stage)
  await stage.write('.mailing .answer', to)
  await stage.press('.mailing .main')
}

const over = (name: string, title: string, sees: string, act?: State['act'], mail = SENDS): State => ({
  name,
  title,
  open: THREAD,
  script: OVER,
  mail,
  sees,
  ...(act && { act })
})

export const copies: Group = {
  title: 'A copy by e-mail',
  states: [
    over('mail', 'Offered after a live chat', '.mailing .copy'),
    over('mail-asked', 'Asked for, with the address that is known', '.mailing .answer', async stage => {
      await stage.chat.identify({ email: 'robin@example.com' })
      await ask(stage)
    }),
    over('mail-sent', 'Sent', '.mailing .sent', stage => send(stage, 'robin@example.com')),
    over('mail-flaw', 'No address', '.mailing [aria-invalid="true"]', stage => send(stage, 'robin')),
    over('mail-failed', 'Not sent', '.mailing .flaw', stage => send(stage, 'robin@example.com'), FAILS),
    {
      name: 'mail-all',
      title: 'Of all conversations, on the first screen',
      open: 'home',
      script: [AWAY, ...TALK],
      mail: SENDS,
      act: ask,
      sees: '.mailing .answer'
    }
  ]
}
