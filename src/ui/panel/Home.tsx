import type { ComponentChildren } from 'preact'
import { Avatar } from './Avatar.tsx'
import { useAround } from './around.ts'
import { Banner } from './Banner.tsx'
import { Button, Round } from './Button.tsx'
import { Icon, Lamp } from './Icon.tsx'
import { useOffers } from './offers.ts'
import { useStore } from './use-store.ts'
import { isolate } from './words.ts'

/** The first screen: is somebody home, what can be done now, and what was said before. */
export function Home({ children }: { readonly children: ComponentChildren }) {
  const { chat, look, words, go, close, attempt } = useAround()
  const threads = useStore(chat.$threads)
  const drafts = useStore(chat.$drafts)
  const offers = useOffers()
  const { availability, reply } = offers
  const lit = availability?.open
  const people = availability?.people.slice(0, 4) ?? []

  // What was begun and never sent has no thread yet, but it has its words.
  const begun = Object.keys(drafts).find(id => drafts[id] && !/ /.test(id) && !threads.some(thread => thread.id === id))

  return (
    <div class="screen home">
      <div class={lit ? 'porch lit' : 'porch'} part="header">
        <Lamp />
        <h2 id="title" part="title">
          <bdi>{look.title || words.t('title')}</bdi>
        </h2>
        <Round name="close" onClick={close} />
        <p class="greeting">{words.t(lit ? 'greetingOpen' : availability ? 'greetingAway' : 'greeting')}</p>
        <p class="hint">
          {offers.message &&
            words.t(offers.chat ? 'hintOpen' : availability?.assistant && !lit ? 'hintAssistant' : 'hint')}
        </p>
      </div>
      <Banner />

      <div class="scroll" tabIndex={-1}>
        <div class="offer">
          {(people[0] || reply) && (
            <div class="people">
              {people.map(person => (
                <Avatar key={person.name} person={person} />
              ))}
              <p>
                <span class="names">
                  {new Intl.ListFormat(words.locale).format(
                    people.map(({ name }) => isolate(name.split(' ')[0]!, words.dir))
                  )}
                </span>
                {reply && <span class="quiet">{reply}</span>}
              </p>
            </div>
          )}
          {offers.chat && (
            <Button
              class="button main"
              data-start
              label="chatNow"
              onClick={() => {
                const id = chat.newThread()
                go(id)
                if (!availability?.form) void attempt(chat.start(id))
              }}
            >
              <Icon name="chat" />
            </Button>
          )}
          {offers.message && (
            <Button
              class={offers.chat ? 'button' : 'button main'}
              data-start={offers.chat ? undefined : true}
              label={begun ? 'goOnWriting' : 'leaveMessage'}
              onClick={() => go(begun ?? chat.newThread())}
            >
              <Icon name="note" />
            </Button>
          )}
          {offers.away && <offers.away.Ways />}
        </div>

        {children}
      </div>
    </div>
  )
}
