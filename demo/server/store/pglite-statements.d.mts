import type { messages } from '@electric-sql/pglite'
import type { Param } from './store.ts'

type Answer = readonly messages.BackendMessage[]

export interface Field {
  readonly name: string
  readonly dataTypeID: number
}

export function prepare(name: string, sql: string): Uint8Array
export function fieldsOf(answer: Answer): readonly Field[]
export function run(name: string, params: readonly Param[]): Uint8Array
export function rowsOf<Row>(answer: Answer, fields: readonly Field[]): Row[]
export function isInTransaction(answer: Answer): boolean
export function asText(value: Param): string | null
export function fromText(text: string | null, type: number): unknown
