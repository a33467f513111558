/** The two notes of the tone, in hertz, one after the other. */
const NOTES = [659, 880]
/** How long each of them is heard, in seconds. */
const LENGTH = 0.18
const VOLUME = 0.12

export interface Tone {
  /** Whether the browser would let it be heard: somebody has pressed something on this page. */
  isAllowed(): boolean
  /** Nothing, where it is not allowed, and while it is heard already. Never fails. */
  play(): void
}

/** A short tone, made here: no file has to come first. */
export function createTone(signal: AbortSignal): Tone {
  let touched = false
  let playing = false
  // Where browsers do not tell whether somebody has pressed something.
  for (const type of ['pointerdown', 'keydown'])
    window.addEventListener(
      type,
      () => {
        touched = true
      },
      { capture: true, once: true, signal }
    )
  const isAllowed = () => navigator.userActivation?.hasBeenActive ?? touched

  return {
    isAllowed,
    play() {
      if (playing || !isAllowed() || signal.aborted) return
      playing = true
      let context: AudioContext | undefined
      const end = () => {
        playing = false
        context?.close().catch(() => {
          /* closed already */
        })
      }
      try {
        context = new AudioContext()
        NOTES.forEach((note, i) => {
          sound(context!, note, i * LENGTH)
        })
        // Not when it has been heard: where there is nothing to hear it with, that never comes.
        setTimeout(end, LENGTH * NOTES.length * 1000 + 200)
      } catch {
        // No sound on this device: what is seen stays.
        end()
      }
    }
  }
}

/** One note that swells and fades, or it would click. */
function sound(context: AudioContext, note: number, after: number): void {
  const oscillator = context.createOscillator()
  const volume = context.createGain()
  const start = context.currentTime + after
  volume.gain.setValueAtTime(0, start)
  volume.gain.linearRampToValueAtTime(VOLUME, start + 0.02)
  volume.gain.linearRampToValueAtTime(0, start + LENGTH)
  oscillator.frequency.value = note
  oscillator.connect(volume).connect(context.destination)
  oscillator.start(start)
  oscillator.stop(start + LENGTH)
}
