import { useRef } from 'preact/hooks'
import type { Card } from '../../../model/message.ts'
import { useAround } from '../around.ts'
import { Icon } from '../Icon.tsx'
import { addressOf } from './addresses.ts'
import { buttonsOf, isText } from './forms.ts'
import { Link } from './links.tsx'

interface CardsProps {
  readonly cards: readonly Card[]
  onReply(words: string, event: MouseEvent): void
}

/** Cards, side by side if there are several. They scroll with fingers, wheel, arrow keys and the two buttons. */
export function Cards({ cards, onReply }: CardsProps) {
  const { words } = useAround()
  const strip = useRef<HTMLUListElement>(null)
  const turn = (by: 1 | -1) => {
    const { clientWidth } = strip.current!
    strip.current!.scrollBy({ left: by * clientWidth * 0.8 * (words.dir === 'rtl' ? -1 : 1), behavior: 'smooth' })
  }
  const several = cards.length > 1
  return (
    <div class="cards" part="cards">
      <ul
        ref={strip}
        tabIndex={several ? 0 : -1}
        aria-label={several ? words.t('cards', { count: cards.length }) : undefined}
      >
        {cards.map(card => (
          <li class="tile" part="card">
            <Picture card={card} />
            <h4 dir="auto">{card.title}</h4>
            {isText(card.text) && <p dir="auto">{card.text}</p>}
            {buttonsOf(card).map(button =>
              'reply' in button ? (
                <button type="button" class="button" tabIndex={-1} onClick={event => onReply(button.reply, event)}>
                  {button.label}
                </button>
              ) : (
                <Link class="button" href={button.url}>
                  {button.label}
                </Link>
              )
            )}
          </li>
        ))}
      </ul>
      {several && (
        <p class="turn">
          {([-1, 1] as const).map(by => (
            <button
              type="button"
              class="round"
              aria-label={words.t(by < 0 ? 'cardsBack' : 'cardsOn')}
              onClick={() => turn(by)}
            >
              <Icon name="back" />
            </button>
          ))}
        </p>
      )}
    </div>
  )
}

/** Only from where the page's policy and the owner's server allow; its place is kept while it loads. */
function Picture({ card: { picture } }: { readonly card: Card }) {
  if (!isText(picture?.url)) return null
  const { protocol } = new URL(addressOf(picture.url) ?? 'none:')
  return /^https?:$/.test(protocol) ? <img src={picture.url} alt={picture.alt ?? ''} loading="lazy" /> : null
}
