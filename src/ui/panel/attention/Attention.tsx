import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { useAround } from '../around.ts'
import { attend } from './attend.ts'

/** Nothing to see in the panel: draws the visitor's attention to what arrives where they do not look. */
export function Attention({ root }: { readonly root: RefObject<HTMLElement | null> }) {
  const around = useAround()
  // A layout effect: its end is not put off until after the next paint.
  useLayoutEffect(() => {
    const widget = root.current!.getRootNode() as ShadowRoot
    return attend(around, threadId => {
      if (!around.$view.get().open) widget.querySelector<HTMLElement>('[aria-controls=panel]')!.click()
      around.go(threadId)
    })
  }, [])
  useLayoutEffect(() => {
    let was = around.chat.$threads.get()
    return around.chat.$threads.listen(now => {
      const view = around.$view.get()
      const isOpen = ({ id }: { readonly id: string }) => id === view.threadId
      // Somebody signed out: whoever comes next can neither read nor write there, and what is half written is not theirs.
      if (was.some(isOpen) && !now.some(isOpen)) around.$view.set({ ...view, threadId: undefined })
      was = now
    })
  }, [])
  return null
}
