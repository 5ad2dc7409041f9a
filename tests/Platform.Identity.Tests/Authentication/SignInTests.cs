using Platform.Identity.Authentication;

namespace Platform.Identity.Tests.Authentication;

public sealed class SignInTests
{
    [TestCase("""{"iat": 5, "amr": [{"method": "password", "timestamp": 3}]}""", 3)]
    [TestCase("""{"iat": 9, "amr": [{"method": "password", "timestamp": 3}, {"method": "totp", "timestamp": 7}]}""", 7)]
    [TestCase("""{"iat": 9, "amr": [{"method": "password", "timestamp": 3}, {"method": "token_refresh", "timestamp": 8}]}""", 3)]
    [TestCase("""{"iat": 5}""", 5)]
    [TestCase("""{"iat": 5, "amr": []}""", 5)]
    [TestCase("""{"iat": 5, "amr": ["password"]}""", 5)]
    public void Is_when_somebody_proved_who_they_are(string claims, long seconds) =>
        Assert.That(SignIn.TimeOf(claims), Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [TestCase("{}")]
    [TestCase("""{"iat": "now"}""")]
    public void Is_unknown_where_no_claim_says_it(string claims) => Assert.That(SignIn.TimeOf(claims), Is.Null);
}
