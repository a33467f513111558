import { useInbox } from '../inbox.ts'
import { isIn, matches, VIEW_NAMES, VIEWS, type View } from '../queue/views.ts'
import { hashOf } from '../route.ts'
import { useStore } from '../use-store.ts'

/** The four ways to look at the conversations; while searching, each says how many it has found. */
export function Views() {
  const inbox = useInbox()
  const { view } = useStore(inbox.router.$route)
  const all = Object.values(useStore(inbox.conversations.$conversations))
  const query = useStore(inbox.$query).trim()
  const me = useStore(inbox.team.$me).id
  const count = (one: View) =>
    all.filter(conversation => isIn(one, conversation, me) && (!query || matches(conversation, query))).length

  return (
    <nav class="views" aria-label="Conversations">
      <ul>
        {VIEWS.map(one => {
          const number = count(one)
          return (
            <li key={one}>
              <a
                class="view"
                href={hashOf({ view: one, threadId: undefined })}
                aria-current={one === view ? 'page' : undefined}
                data-view={one}
                data-some={number > 0}
                onClick={event => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  inbox.router.go({ view: one })
                }}
              >
                <span>{VIEW_NAMES[one]}</span> <span class="view-count">{number}</span>
              </a>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
