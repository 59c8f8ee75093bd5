/** Platforms: what they are called, and the plain sign that stands for their kind. No brand's logo. */
import {
  Camera,
  Ghost,
  File,
  Globe,
  HeartPulse,
  MessageCircle,
  MessagesSquare,
  Music2,
  Pin,
  Play,
  RotateCw,
  Rss,
  Briefcase,
  AtSign,
  type LucideIcon,
} from 'lucide-react'

interface Platform {
  name: string
  icon: LucideIcon
}

const PLATFORMS: Record<string, Platform> = {
  instagram: { name: 'Instagram', icon: Camera },
  tiktok: { name: 'TikTok', icon: Music2 },
  youtube: { name: 'YouTube', icon: Play },
  x: { name: 'X', icon: MessageCircle },
  twitter: { name: 'X', icon: MessageCircle },
  reddit: { name: 'Reddit', icon: MessagesSquare },
  snapchat: { name: 'Snapchat', icon: Ghost },
  pinterest: { name: 'Pinterest', icon: Pin },
  linkedin: { name: 'LinkedIn', icon: Briefcase },
  mastodon: { name: 'Mastodon', icon: AtSign },
  bluesky: { name: 'Bluesky', icon: AtSign },
  feed: { name: 'RSS', icon: Rss },
  xenforo: { name: 'XenForo', icon: MessagesSquare },
  phpbb: { name: 'phpBB', icon: MessagesSquare },
  smf: { name: 'SMF', icon: MessagesSquare },
  mybb: { name: 'MyBB', icon: MessagesSquare },
  invision: { name: 'Invision', icon: MessagesSquare },
  vbulletin: { name: 'vBulletin', icon: MessagesSquare },
  vbulletin5: { name: 'vBulletin 5', icon: MessagesSquare },
  discourse: { name: 'Discourse', icon: MessagesSquare },
  nodebb: { name: 'NodeBB', icon: MessagesSquare },
  plaza: { name: 'Plaza', icon: AtSign },
  web: { name: 'Web', icon: Globe },
  direct: { name: 'Files', icon: File },
  again: { name: 'Again', icon: RotateCw },
  upkeep: { name: 'Upkeep', icon: HeartPulse },
}

export function platformOf(id: string): Platform {
  return PLATFORMS[id] ?? { name: id, icon: Globe }
}
