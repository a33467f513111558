import { Icon } from './icons.tsx'
import { useInbox } from './inbox.ts'
import { useStore } from './use-store.ts'

/** Short sentences in a corner, and the one live region of this page. */
export function Notes() {
  const { notes } = useInbox()
  const list = useStore(notes.$notes)
  const spoken = useStore(notes.$spoken)
  return (
    <>
      <p class="unseen" role="status">
        {spoken}
      </p>
      {list.length > 0 && (
        <section class="notes" aria-label="Notes">
          {list.map(({ id, text, action }) => (
            <div key={id} class="note">
              <p>{text}</p>
              {action && (
                <button
                  type="button"
                  class="note-action"
                  onClick={() => {
                    action.run()
                    notes.dismiss(id)
                  }}
                >
                  {action.label}
                </button>
              )}
              <button type="button" class="button-icon" aria-label="Dismiss" onClick={() => notes.dismiss(id)}>
                <Icon name="close" />
              </button>
            </div>
          ))}
        </section>
      )}
    </>
  )
}
