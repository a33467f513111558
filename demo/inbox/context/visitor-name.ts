import type { VisitorView } from '../../server/wire/agent-frames.ts'

/** What to call a visitor: their name, else their e-mail address, else a made-up name that is always the same. */
export function nameOf(visitor: Pick<VisitorView, 'id' | 'name' | 'email'>): string {
  return visitor.name.trim() || visitor.email.trim() || madeUp(visitor.id)
}

export function isNamed(visitor: Pick<VisitorView, 'name' | 'email'>): boolean {
  return (visitor.name.trim() || visitor.email.trim()) !== ''
}

/** One or two letters for a face without a picture. */
export function initials(name: string): string {
  const words = name.replace(/^Visitor /, '').match(/[\p{L}\p{N}]+/gu) ?? []
  const letters = name.includes('@') || words.length < 2 ? [words[0]] : [words[0], words.at(-1)]
  return letters
    .map(word => (word ? [...word][0] : ''))
    .join('')
    .toLocaleUpperCase()
}

/** From 0 to `count - 1`, always the same for the same text. */
export function pick(text: string, count: number): number {
  let hash = 2166136261
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0)!, 16777619)
  return (hash >>> 0) % count
}

// "Visitor" stands in front, so that nobody greets a stranger as "Dear Heron".
function madeUp(id: string): string {
  return `Visitor ${BIRDS[pick(id, BIRDS.length)]} ${10 + pick(`${id}#`, 90)}`
}

const BIRDS = [
  'Avocet',
  'Bittern',
  'Bunting',
  'Chough',
  'Crane',
  'Curlew',
  'Dipper',
  'Dove',
  'Dunlin',
  'Egret',
  'Eider',
  'Finch',
  'Gannet',
  'Godwit',
  'Goshawk',
  'Grebe',
  'Harrier',
  'Heron',
  'Hobby',
  'Hoopoe',
  'Ibis',
  'Jackdaw',
  'Jay',
  'Kestrel',
  'Kite',
  'Knot',
  'Lapwing',
  'Lark',
  'Linnet',
  'Magpie',
  'Martin',
  'Merlin',
  'Nightjar',
  'Nuthatch',
  'Oriole',
  'Osprey',
  'Ouzel',
  'Owl',
  'Petrel',
  'Pipit',
  'Plover',
  'Puffin',
  'Quail',
  'Raven',
  'Redstart',
  'Robin',
  'Rook',
  'Ruff',
  'Sanderling',
  'Shrike',
  'Siskin',
  'Skua',
  'Snipe',
  'Starling',
  'Stork',
  'Swallow',
  'Swan',
  'Swift',
  'Teal',
  'Tern',
  'Thrush',
  'Wagtail',
  'Wigeon',
  'Wren'
]
