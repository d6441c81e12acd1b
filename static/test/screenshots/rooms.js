// The rooms of the tour, and who may enter them.

export const OPERATOR = { name: 'Ada Moreau', password: 'secret' };
export const PRESENTER = { name: 'Grace Okafor', password: 'wonder' };
export const WATCHER = { name: 'Noor Janssen', password: 'quiet' };

const LOGINS = {
  'allow-recording': true,
  users: {
    [OPERATOR.name]: { password: OPERATOR.password, permissions: 'op' },
    [PRESENTER.name]: { password: PRESENTER.password, permissions: 'present' },
    [WATCHER.name]: { password: WATCHER.password, permissions: 'observe' },
  },
};
const OPEN = { 'wildcard-user': { password: { type: 'wildcard' }, permissions: 'present' } };

export const ROOMS = {
  'physics/101': { ...LOGINS, public: true, displayName: 'Lecture hall', description: 'Physics 101, Tuesdays and Thursdays at 14:15' },
  coffee: { ...LOGINS, public: true, displayName: 'Coffee corner', description: 'Whoever has a break' },
  seminar: { ...OPEN, users: LOGINS.users, displayName: 'Seminar' },
  'help-desk': { ...LOGINS, public: true, displayName: 'Help desk' },
  optics: { ...LOGINS, public: true, displayName: 'Partner campus', description: 'Joint seminar on optics', redirect: 'https://video.example.org/group/optics/' },
  board: { ...OPEN, users: LOGINS.users, public: true, displayName: 'Board', description: 'Monthly meeting of the faculty board', autolock: true },
  exam: { ...OPEN, displayName: 'Exam', 'not-before': '2099-02-01T08:00:00Z' },
  archive: { ...OPEN, displayName: 'Summer school', expires: '2026-01-31T18:00:00Z' },
  standup: { ...OPEN, displayName: 'Stand-up', 'max-clients': 1 },
};
