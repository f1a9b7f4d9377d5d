import { useEffect } from 'preact/hooks'

/** Calls `read` now, again when `key` changes, and every `ms` while the view is shown and the page is in front. */
export function usePolled(read: () => void, key: string, ms: number): void {
  useEffect(() => {
    read()
    const timer = setInterval(() => {
      if (!document.hidden) read()
    }, ms)
    return () => clearInterval(timer)
  }, [key])
}
