'use client'

import { useCallback, useEffect, useState } from 'react'
import { call } from './api.js'

/** The todos as the server has them (null before the first answer), and what can be done with them. Each of add, plan, change and remove gives true when the server has done it. */
export function useTodos() {
  const [todos, setTodos] = useState(null)
  const [problem, setProblem] = useState('')

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

  const reload = useCallback(() => attempt(async () => setTodos(await call('GET', '/todos'))), [attempt])

  useEffect(() => {
    reload()
    window.addEventListener('focus', reload)
    return () => window.removeEventListener('focus', reload)
  }, [reload])

  const append = (added) => setTodos((now) => [...(now ?? []), ...added])

  return {
    todos,
    problem,
    reload,
    add: (title) => attempt(async () => append([await call('POST', '/todos', { title })])),
    plan: (text) => attempt(async () => append(await call('POST', '/assistant', { text }))),
    change: (id, change) =>
      attempt(async () => {
        const changed = await call('PATCH', `/todos/${id}`, change)
        setTodos((now) => now.map((todo) => (todo.id === id ? changed : todo)))
      }),
    remove: (id) =>
      attempt(async () => {
        await call('DELETE', `/todos/${id}`)
        setTodos((now) => now.filter((todo) => todo.id !== id))
      }),
  }
}
