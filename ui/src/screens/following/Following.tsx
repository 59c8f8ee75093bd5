import { Outlet } from '@tanstack/react-router'

export function Following() {
  return <Outlet />
}
