'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import { call } from './api.js'

/**
 * The todos as the server has them (null before the first answer), and what can be done with them.
 * Each of add, plan, change and remove gives true when the server has done it.
 */
export function useTodos() {
  const [todos, setTodos] = useState(null)
  const [problem, setProblem] = useState('')
  const changes = useRef(0)

  const attempt = useCallback(async (work) => {
    try {
      await work()
      setProblem('')
      return true
    } catch (error) {
      setProblem(error.message)
      return false
    }
  }, [])

  const reload = useCallback(
    () =>
      attempt(async () => {
        // A list that was read before a change, and comes after it, would undo the change on the screen.
        for (;;) {
          const before = changes.current
          const list = await call('GET', '/todos')
          if (changes.current === before) return setTodos(list)
        }
      }),
    [attempt],
  )

  useEffect(() => {
    reload()
    window.addEventListener('focus', reload)
    return () => window.removeEventListener('focus', reload)
  }, [reload])

  const alter = (work, result) =>
    attempt(async () => {
      const answer = await work
      changes.current += 1
      setTodos((now) => result(now ?? [], answer))
    })

  return {
    todos,
    problem,
    reload,
    add: (title) => alter(call('POST', '/todos', { title }), (now, added) => append(now, [added])),
    plan: (text) => alter(call('POST', '/assistant', { text }), append),
    change: (id, change) =>
      alter(call('PATCH', `/todos/${id}`, change), (now, changed) =>
        now.map((todo) => (todo.id === id ? changed : todo)),
      ),
    remove: (id) => alter(call('DELETE', `/todos/${id}`), (now) => now.filter((todo) => todo.id !== id)),
  }
}

/** A list that was read meanwhile may hold what was added already. */
function append(todos, added) {
  const ids = new Set(added.map((todo) => todo.id))
  return [...todos.filter((todo) => !ids.has(todo.id)), ...added]
}
