import { type ComponentType, h } from 'preact'

export { Fragment } from 'preact'

/** What the compiler makes of JSX, without what `preact/jsx-runtime` does for development and for templates. */
export const jsx = (type: ComponentType | string, props: object, key?: string) => h(type as string, { ...props, key })

export { jsx as jsxs }
