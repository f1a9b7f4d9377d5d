import type { UiRefusal } from '../src/commands/ui/api.ts'

/** Reads from the API of the page. What cannot be read says why. */
export async function ask<T extends { readonly ok: boolean }>(
  path: string,
  parameters: Record<string, string> = {},
): Promise<T | UiRefusal> {
  const query = new URLSearchParams(parameters).toString()
  try {
    const response = await fetch(`api/v1/${path}${query === '' ? '' : `?${query}`}`)
    if (response.ok) return (await response.json()) as T
    return { ok: false, text: (await response.text()).slice(0, 500), hint: null }
  } catch {
    return { ok: false, text: 'devk ui does not answer.', hint: 'Run it again, and open the URL that it prints.' }
  }
}
