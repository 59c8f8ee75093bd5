import { platformOf } from '../words/platforms'

/** The tile that stands for a platform. Its name is read out unless it stands beside it. */
export function PlatformSign({ platform, size, named }: { platform: string; size?: 'lg'; named?: boolean }) {
  const { name, icon: Icon } = platformOf(platform)
  return (
    <span
      className="pf"
      data-size={size}
      role={named ? undefined : 'img'}
      aria-label={named ? undefined : name}
      aria-hidden={named ? true : undefined}
    >
      <Icon className="icon" aria-hidden />
    </span>
  )
}
