/** Two soft notes, made here, so that no file must be fetched. */
export interface Chime {
  /** Silent until the agent has touched the page once: browsers allow no sound before. */
  play(): void
  close(): void
}

/** In hertz: a fourth upwards, like a door bell. */
const NOTES = [659.25, 880] as const

export function createChime(): Chime {
  let context: AudioContext | undefined

  function unlock() {
    unbind()
    // Absent in some embedded browsers; the chime is then silent, the screen says the same.
    if (typeof AudioContext === 'function') context = new AudioContext()
  }

  function unbind() {
    document.removeEventListener('pointerdown', unlock)
    document.removeEventListener('keydown', unlock)
  }

  document.addEventListener('pointerdown', unlock)
  document.addEventListener('keydown', unlock)

  return {
    play() {
      if (!context) return
      void context.resume()
      for (const [i, frequency] of NOTES.entries()) strike(context, frequency, context.currentTime + i * 0.16)
    },
    close() {
      unbind()
      void context?.close()
    }
  }
}

function strike(context: AudioContext, frequency: number, at: number) {
  const tone = context.createOscillator()
  const volume = context.createGain()
  tone.frequency.value = frequency
  volume.gain.setValueAtTime(0, at)
  volume.gain.linearRampToValueAtTime(0.12, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.7)
  tone.connect(volume).connect(context.destination)
  tone.start(at)
  tone.stop(at + 0.75)
}
