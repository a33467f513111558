import { useEffect, useRef } from 'preact/hooks'
import { useInbox } from './inbox.ts'

/** What single keys do while nobody types and no dialog is open, unless the agent has switched them off. */
export function useShortcuts(keys: Readonly<Record<string, () => void>>): void {
  const { preferences } = useInbox()
  const latest = useRef(keys)
  latest.current = keys

  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (!preferences.$preferences.get().shortcuts || event.defaultPrevented) return
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
      if (isTypedInto(event.target) || document.querySelector('dialog[open]')) return
      const run = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined
      if (!run) return
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}

function isTypedInto(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
