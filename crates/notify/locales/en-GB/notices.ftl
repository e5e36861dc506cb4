## What British English says differently.

date-long = { weekday } { $day } { month } { $year }
date-short = { $day } { month }
weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

hazard-site-closed =
    { $region ->
        [none] One of our fulfilment centres is closed.
       *[other] Our fulfilment centre in { $region } is closed.
    }
cause-site-closed = The centre that keeps the goods is closed.
cause-evacuated = The centre that keeps the goods has been evacuated.
cause-systems-down = Power or computers at the centre are not working.
action-other-site = Another of our centres, outside the area, now ships the order.
