import { Dialog } from '../Dialog.tsx'
import { useInbox } from '../inbox.ts'
import { useStore } from '../use-store.ts'

const KEYS: readonly (readonly [string, readonly (readonly [readonly string[], string])[]])[] = [
  [
    'List',
    [
      [['J'], 'Next conversation'],
      [['K'], 'Previous conversation'],
      [['Enter'], 'Open it'],
      [['/'], 'Search'],
      [['1', '2', '3', '4'], 'Waiting, mine, all open, closed']
    ]
  ],
  [
    'Conversation',
    [
      [['A'], 'Accept the chat'],
      [['R'], 'Reply'],
      [['E'], 'Close, or reopen'],
      [['I'], 'Show or hide details'],
      [['U'], 'Back to the list']
    ]
  ],
  [
    'While writing',
    [
      [['Enter'], 'Send'],
      [['Shift', 'Enter'], 'New line'],
      [['Esc'], 'Leave the reply, keep the draft']
    ]
  ]
]

export function Help({ onClose }: { onClose(): void }) {
  const { preferences } = useInbox()
  const { shortcuts } = useStore(preferences.$preferences)
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      {!shortcuts && <p class="dialog-text">Single keys are switched off in the settings.</p>}
      <div class="keys">
        {KEYS.map(([title, rows]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {rows.map(([keys, does]) => (
                <div key={does}>
                  <dt>
                    {keys.map(key => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
