"""The demonstration district: invented schools, people and villages, written as roster workbooks."""
