"""AWS's policy language and its decision procedure; knows nothing of infrastructure code."""
