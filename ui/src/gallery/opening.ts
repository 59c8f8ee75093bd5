/** The way from a tile to the page of its picture. */
import { useNavigate } from '@tanstack/react-router'
import { useCallback, useEffect } from 'react'
import { morph } from '../shell/morph'
import type { Desk } from './desk'
import { hand, nearAt } from './near'
import { see, tileOf } from './place'

let isLoaded = false

function load() {
  void import('../screens/viewer/Viewer').then(
    () => (isLoaded = true),
    () => undefined,
  )
}

const SIGNS = ['pointermove', 'touchstart', 'keydown']

export function useOpening(desk: Desk, q: string) {
  const navigate = useNavigate()
  useEffect(() => {
    const ended = new AbortController()
    for (const sign of SIGNS) window.addEventListener(sign, load, { once: true, signal: ended.signal })
    return () => ended.abort()
  }, [])
  return useCallback(
    (id: string, day: number) => {
      const { block, index } = desk.find(id, day) ?? {}
      if (block?.tiles && index !== undefined) hand(nearAt(block.tiles, index))
      see(id, day)
      const change = () =>
        void navigate({ to: '/media/$media', params: { media: id }, search: { q: q || undefined } })
      if (!isLoaded) change()
      else
        morph({
          change,
          isDone: () => document.querySelector('.viewer') !== null,
          from: tileOf(id),
        })
    },
    [desk, navigate, q],
  )
}
