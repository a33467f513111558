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
    const { chat, $view, go } = around
    const widget = root.current!.getRootNode() as ShadowRoot
    let was = chat.$threads.get()
    let gone: string | undefined
    /** Once it is open: `go` opens it. The focus stays where it is, if that is on the page. */
    const leave = () => {
      const { open, threadId } = $view.get()
      if (open && threadId && threadId === gone) go(undefined, widget.activeElement ? 0 : 1)
    }
    const stops = [
      $view.listen(leave),
      chat.$threads.listen(now => {
        const left = was.find(({ id }) => id === $view.get().threadId)
        was = now
        // Somebody signed out: whoever comes next can neither read nor write there, and what is half written is not theirs.
        if (!left || now.some(({ id }) => id === left.id)) return
        gone = left.id
        leave()
      })
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [])
  return null
}
