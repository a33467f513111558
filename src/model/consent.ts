/** What the visitor lets a site keep: nothing, something until the tab is closed, or until it is deleted. */
export type Consent = 'none' | 'session' | 'persistent'
