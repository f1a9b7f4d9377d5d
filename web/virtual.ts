import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core'
import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** What a list of rows of the same height needs. */
export interface VirtualOptions {
  readonly box: RefObject<HTMLElement | null>
  readonly count: number
  readonly rowHeight: number
}

/** Draws only the rows that can be seen. The adapter of TanStack Virtual for Preact. */
export function useVirtual({ box, count, rowHeight }: VirtualOptions): Virtualizer<HTMLElement, HTMLDivElement> {
  const [, draw] = useState({})
  const kept = useRef<Virtualizer<HTMLElement, HTMLDivElement>>(undefined)
  const options = {
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    overscan: 12,
    onChange: () => draw({}),
  }
  kept.current ??= new Virtualizer(options)
  const virtualizer = kept.current
  virtualizer.setOptions(options)
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer])
  useLayoutEffect(() => virtualizer._willUpdate())
  return virtualizer
}
