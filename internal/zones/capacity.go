package zones

// FleetSize is the number of instances to run in all, spread evenly over zones, so that losing any one zone leaves at least
// peak running: zones * ceil(peak/(zones-1)). This is static stability: nothing has to be launched while the zone is down
// (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/static-stability.html). With fewer than two zones
// or without a peak there is no such number, and the answer is 0.
func FleetSize(zones, peak int) int {
	if zones < MinZones || peak < 1 {
		return 0
	}
	perZone := (peak-1)/(zones-1) + 1
	return zones * perZone
}

// AfterZoneLoss is how many of fleet instances are left when the fullest zone is lost. Auto Scaling spreads them as evenly
// as it can, so that the fullest zone holds ceil(fleet/zones).
func AfterZoneLoss(zones, fleet int) int {
	if zones < 1 || fleet < 1 {
		return 0
	}
	return fleet - ((fleet-1)/zones + 1)
}
