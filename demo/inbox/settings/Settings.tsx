import { useId, useState } from 'preact/hooks'
import { Confirm, Dialog } from '../Dialog.tsx'
import { Icon } from '../icons.tsx'
import { useInbox } from '../inbox.ts'
import { useStore } from '../use-store.ts'
import type { Preferences } from './preferences.ts'

const LEAST = 5
const MOST = 3600

export function Settings({ onClose }: { onClose(): void }) {
  const inbox = useInbox()
  const me = useStore(inbox.team.$me)
  const [asking, setAsking] = useState(false)
  const unsent = inbox.outbox.count()

  if (asking) {
    return (
      <Confirm
        title="Sign out and delete unsent replies?"
        text={`${unsent === 1 ? 'One reply has' : `${unsent} replies have`} not been sent yet. Signing out deletes what is kept in this browser.`}
        yes="Sign out and delete"
        no="Stay signed in"
        onYes={inbox.signOut}
        onNo={() => setAsking(false)}
      />
    )
  }

  return (
    <Dialog title="Settings" onClose={onClose}>
      <section class="settings-part">
        <h3>Everyone</h3>
        <QueueLimit />
      </section>
      <section class="settings-part">
        <h3>This browser</h3>
        <Choice
          name="shortcuts"
          title="Keyboard shortcuts"
          text="Single keys, such as J and K, move through the list."
        />
        <Choice name="sound" title="Sound" text="Two soft notes when somebody wants to chat." />
      </section>
      <section class="settings-part settings-account">
        <div class="settings-who">
          <h3 class="settings-name">{me.name}</h3>
          <p class="settings-email">{me.email}</p>
        </div>
        <button type="button" class="button" onClick={() => (unsent > 0 ? setAsking(true) : inbox.signOut())}>
          <Icon name="leave" />
          Sign out
        </button>
      </section>
    </Dialog>
  )
}

function QueueLimit() {
  const { team, setSettings, notes } = useInbox()
  const settings = useStore(team.$settings)
  const [problem, setProblem] = useState('')
  const id = useId()
  if (!settings) return null

  async function save(event: SubmitEvent) {
    event.preventDefault()
    const seconds = Number(new FormData(event.currentTarget as HTMLFormElement).get('seconds'))
    if (!Number.isInteger(seconds) || seconds < LEAST || seconds > MOST) {
      setProblem(`Enter whole seconds from ${LEAST} to ${MOST}.`)
      return
    }
    setProblem('')
    if (await setSettings({ ...team.$settings.get()!, queueLimit: seconds * 1000 })) notes.say('Time limit saved.')
  }

  return (
    <form class="setting" onSubmit={save} noValidate>
      <div>
        <label for={`${id}-seconds`}>Time limit of the queue</label>
        <p id={`${id}-text`}>A chat that nobody accepts in time goes on as messages.</p>
        {problem && (
          <p class="setting-problem" id={`${id}-problem`} role="alert">
            {problem}
          </p>
        )}
      </div>
      <div class="setting-seconds">
        <input
          id={`${id}-seconds`}
          name="seconds"
          type="number"
          inputMode="numeric"
          min={LEAST}
          max={MOST}
          defaultValue={String(Math.round(settings.queueLimit / 1000))}
          aria-describedby={`${id}-text${problem ? ` ${id}-problem` : ''}`}
          aria-invalid={problem !== ''}
        />
        <span>seconds</span>
        <button type="submit" class="button">
          Save
        </button>
      </div>
    </form>
  )
}

function Choice({ name, title, text }: ChoiceProps) {
  const { preferences } = useInbox()
  const on = useStore(preferences.$preferences)[name]
  const id = useId()
  return (
    <div class="setting">
      <div>
        <span class="setting-title" id={`${id}-title`}>
          {title}
        </span>
        <p id={`${id}-text`}>{text}</p>
      </div>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={on}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-text`}
        onClick={() => preferences.set({ [name]: !on })}
      >
        <span class="toggle" aria-hidden="true" />
      </button>
    </div>
  )
}

interface ChoiceProps {
  readonly name: keyof Preferences
  readonly title: string
  readonly text: string
}
