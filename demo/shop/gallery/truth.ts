import type { ScenarioStep } from '../../../src/testing/index.ts'
import { MARA, said, TALK } from './cast.ts'
import { CUE, type Group, type Stage, type State, THREAD } from './state.ts'

/** What the bar says of the link. */
const bar = (
  name: string,
  title: string,
  script: readonly ScenarioStep[],
  sees: string,
  more: Partial<State> = {}
): State => said(name, title, [...TALK, ...script], sees, more)

const send = async ({ chat, cue }: Stage) => {
  cue()
  await chat.send(THREAD, { text: 'Then I take two of them.' })
}

const truth: Group = {
  title: 'Truth bar',
  states: [
    bar('connecting', 'Connecting', [{ do: 'link', is: 'connecting' }], '.banner.busy', { early: true }),
    bar('reconnecting', 'Connecting again', [CUE, { do: 'link', is: 'connecting' }], '.banner.busy', {
      act: ({ cue }) => cue()
    }),
    bar('catching-up', 'Catching up', [{ do: 'link', is: 'catching-up' }], '.banner.busy', { early: true }),
    bar('offline', 'No connection, and since when', [CUE, { do: 'link', is: 'offline' }], '.banner.warning .text', {
      act: ({ cue }) => cue()
    }),
    bar(
      'offline-live',
      'No connection, in a live chat',
      [{ do: 'session', state: 'active', agent: MARA }, CUE, { do: 'link', is: 'offline' }],
      '.banner.warning .text',
      { act: ({ cue }) => cue() }
    ),
    bar('offline-never', 'No connection from the start', [{ do: 'link', is: 'offline' }], '.banner.warning .text', {
      early: true
    }),
    bar(
      'offline-unsent',
      'No connection, and something to send',
      [CUE, { do: 'link', is: 'offline' }],
      '.banner.warning .text',
      { act: send }
    ),
    bar(
      'back',
      'Back online',
      [CUE, { do: 'link', is: 'offline' }, { do: 'wait', for: 5000 }, { do: 'link', is: 'up' }],
      '.banner.good',
      {
        async act({ chat, cue, find }) {
          cue()
          await find('.banner.warning')
          const again = setInterval(() => {
            if (chat.$link.get().state === 'online') clearInterval(again)
            else chat.reconnect()
          }, 500)
        }
      }
    ),
    bar('volatile', 'This browser stores nothing', [], '.banner.warning', { storage: 'volatile' }),
    bar(
      'volatile-unsent',
      'This browser stores nothing, and something is not sent',
      [CUE, { do: 'link', is: 'silent' }],
      '.meta.queued',
      {
        storage: 'volatile',
        act: send
      }
    ),
    bar('degraded', 'Saving does not work now', [CUE, { do: 'link', is: 'silent' }], '.banner.warning', {
      storage: 'full',
      async act(stage) {
        stage.fill()
        await send(stage)
      }
    }),
    bar('sign-in', 'To be signed in to', [{ do: 'link', is: 'unauthorized' }], '.banner.warning', { early: true }),
    bar('refused', 'Not for this visitor', [{ do: 'link', is: 'forbidden' }], '.banner.danger', { early: true })
  ]
}

export const truthBar: readonly Group[] = [truth]
