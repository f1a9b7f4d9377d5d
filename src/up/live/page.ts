import type { PageAddress } from '../../session/state.ts'

/** Serves a page from the first call on, and tells where it is. After a failure the next call tries again. */
export function servedOnce(serve: () => Promise<PageAddress>): () => Promise<PageAddress> {
  let page: Promise<PageAddress> | undefined
  return () => {
    page ??= serve()
    page.catch(() => {
      page = undefined
    })
    return page
  }
}
