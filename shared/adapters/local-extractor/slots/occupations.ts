const occupations = new Set(
  (
    'accountant actor actress administrator advisor analyst animator architect artist assistant astronomer attorney author baker ' +
    'banker barber barista bartender biologist blogger bookkeeper builder butcher captain carpenter cashier ceo cfo chef chemist ' +
    'choreographer cleaner coach comedian composer consultant contractor cook coordinator copywriter counselor cto curator dancer ' +
    'dentist designer detective developer dietitian director doctor driver economist editor electrician engineer entrepreneur ' +
    'executive farmer firefighter florist founder freelancer gardener geologist guard hairdresser historian illustrator ' +
    'instructor intern interpreter investor janitor jeweler journalist judge landscaper lawyer lecturer librarian lifeguard ' +
    'linguist machinist magician manager marketer masseuse mathematician mechanic midwife model musician nanny neurologist nurse ' +
    'nutritionist officer operator optician painter paralegal paramedic pediatrician pharmacist photographer physician physicist ' +
    'physiotherapist pilot plumber poet policeman politician principal producer professor programmer psychiatrist psychologist ' +
    'realtor receptionist recruiter reporter researcher sailor salesman salesperson scientist sculptor secretary singer ' +
    'soldier specialist statistician strategist student sommelier supervisor surgeon surveyor tailor teacher technician therapist ' +
    'trader trainer translator tutor vet veterinarian videographer vp waiter waitress welder writer zoologist barrister solicitor ' +
    'dev sysadmin admin postdoc apprentice trainee beekeeper'
  ).split(' '),
);

/** Whether a noun phrase ("senior data engineer") names what someone does for a living. */
export const isOccupation = (phrase: string): boolean =>
  occupations.has(
    phrase
      .toLowerCase()
      .split(/[\s-]+/)
      .at(-1) ?? '',
  );
