import { computed, signal } from '@preact/signals'
import type { SessionState, UiChange, UiChanges, UiState } from '../src/commands/ui/api.ts'
import { partsOf } from './model.ts'

/** The state of the API; undefined before its first event. */
export const state = signal<UiState | undefined>(undefined)
/** The devk that holds the stack; null when none runs. */
export const session = signal<SessionState | null>(null)
/** What changes have to send along; null: this page only reads, or does not know yet. */
export const actionKey = signal<string | null>(null)
/** The newest changes, newest first. */
export const changes = signal<readonly UiChange[]>([])
/** The connection of the page to devk. */
export const link = signal<{ readonly open: boolean; readonly since: string; readonly ended: boolean }>({
  open: true,
  since: new Date().toISOString(),
  ended: false,
})
/** The present time, for ages. */
export const now = signal(Date.now())
/** The colours: `system`, `light` or `dark`. */
export const theme = signal(localStorage.getItem('devk-theme') ?? 'system')
/** The part of the URL that names the view: `#/services/service/backend`. */
const place = signal(location.hash)
/** Services, externals and presets. */
export const parts = computed(() => (state.value === undefined ? [] : partsOf(state.value)))

/** Whether a preset of the stack has traces. */
export const hasTraces = computed(() => parts.value.some(({ kind, name }) => kind === 'preset' && name === 'jaeger'))

/** Whether a preset of the stack has metrics of programs. */
export const hasRates = computed(() => parts.value.some(({ kind, name }) => kind === 'preset' && name === 'prometheus'))

/** The words of the place, such as `['services', 'service', 'backend']`. */
export const words = computed(() =>
  place.value
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode),
)

/** Connects to devk, and keeps everything above up to date. */
export function connect(): void {
  addEventListener('hashchange', () => {
    place.value = location.hash
  })
  setInterval(() => {
    now.value = Date.now()
  }, 1000)
  void readKey()
  const source = new EventSource('api/v1/events')
  source.addEventListener('open', () => {
    link.value = { open: true, since: new Date().toISOString(), ended: false }
  })
  source.addEventListener('error', () => {
    const ended = source.readyState === EventSource.CLOSED
    const since = link.value.open ? new Date().toISOString() : link.value.since
    link.value = { open: false, since, ended }
  })
  source.addEventListener('state', ({ data }) => {
    state.value = JSON.parse(data)
  })
  source.addEventListener('session', ({ data }) => {
    session.value = JSON.parse(data)
  })
  source.addEventListener('changes', ({ data }) => {
    const { changes: more } = JSON.parse(data) as UiChanges
    changes.value = [...more].reverse().concat(changes.value).slice(0, 200)
  })
}

async function readKey(): Promise<void> {
  const response = await fetch('api/v1/key').catch(() => undefined)
  if (response?.ok) actionKey.value = ((await response.json()) as { key: string | null }).key
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word)
  } catch {
    return word
  }
}
