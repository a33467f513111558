import { AWAY, CHANNELS, CLOSED } from './cast.ts'
import type { Group, State } from './state.ts'

const note = (name: string, title: string, sees: string, act?: State['act']): State => ({
  name,
  title,
  open: 'new',
  script: [AWAY],
  look: { offline: 'form' },
  sees,
  ...(act && { act })
})

export const offline: Group = {
  title: 'While nobody is home, by the choice of the site',
  states: [
    note('note', 'A note through a form', '.before .form'),
    note('note-flaws', 'A note that is not whole', '.form [aria-invalid="true"]', ({ press }) => press('.form .main')),
    note('note-sent', 'A note that was sent', '.bubble.out', async ({ write, press }) => {
      await write('[data-field="0"]', 'Robin')
      await write('[data-field="1"]', 'robin@example.com')
      await write('[data-field="2"]', 'Is the Wren in stock again?')
      await press('.form .main')
    }),
    {
      name: 'home-only-channels',
      title: 'Other ways instead of a message',
      open: 'home',
      script: [CLOSED],
      look: { offline: 'channels', channels: CHANNELS },
      sees: '.ways li:nth-child(4)'
    }
  ]
}
