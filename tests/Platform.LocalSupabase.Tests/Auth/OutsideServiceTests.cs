using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.LocalSupabase.Auth.Options;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Auth;

public sealed class OutsideServiceTests : MailTest
{
    [TestCase("signup")]
    [TestCase("otp")]
    [TestCase("magiclink")]
    [TestCase("recover")]
    [TestCase("resend")]
    [TestCase("token?grant_type=password")]
    public async Task A_program_is_kept_out(string path)
    {
        await using var outside = await OutsideServices.StartAsync();
        await using var server = await outside.GuardAsync();
        var address = NewAddress();
        using var without = await PostAsync(server, path, new { email = address, password = Password, type = "signup" });
        using var wrong = await PostAsync(
            server, path, new { email = address, password = Password, type = "signup", gotrue_meta_security = new { captcha_token = "a-program" } });

        await ExpectErrorAsync(without, 400, "captcha_failed", "captcha protection: request disallowed (no captcha_token found)");
        await ExpectErrorAsync(wrong, 400, "captcha_failed");
    }

    [Test]
    public async Task A_person_is_let_in_with_a_password_that_nobody_knows()
    {
        await using var outside = await OutsideServices.StartAsync();
        await using var server = await outside.GuardAsync();
        var security = new { captcha_token = "a-person" };
        using var breached = await PostAsync(
            server, "signup", new { email = NewAddress(), password = "password123", gotrue_meta_security = security });
        using var good = await PostAsync(server, "signup", new { email = NewAddress(), password = Password, gotrue_meta_security = security });

        var error = await ExpectErrorAsync(breached, 422, "weak_password");
        Assert.That(error.GetProperty("weak_password").GetProperty("reasons")[0].GetString(), Is.EqualTo("pwned"));
        await ExpectAsync(good, HttpStatusCode.OK);
    }

    /// <summary>Services that are asked before somebody is let in, on loopback.</summary>
    private sealed class OutsideServices(WebApplication application) : IAsyncDisposable
    {
        private string Url => application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public static async Task<OutsideServices> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var application = builder.Build();
            application.MapPost("/siteverify", async (HttpContext context) =>
            {
                var form = await context.Request.ReadFormAsync();
                return TypedResults.Json(new { success = form["secret"] == "secret" && form["response"] == "a-person" });
            });
            application.MapGet("/range/{prefix}", (string prefix) => $"0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n{Known(prefix)}:42\r\n");
            await application.StartAsync();
            return new OutsideServices(application);
        }

        public Task<LocalSupabaseServer> GuardAsync() => LocalSupabaseServer.StartAsync(auth: new AuthOptions
        {
            BreachedPasswordsUrl = $"{Url}/range/",
            Captcha = new CaptchaOptions { Secret = "secret", VerifyUrl = $"{Url}/siteverify" },
        });

        public ValueTask DisposeAsync() => application.DisposeAsync();

        private static string Known(string prefix)
        {
#pragma warning disable CA5350 // The service is asked by SHA-1.
            var breached = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes("password123")));
#pragma warning restore CA5350
            return prefix == breached[..5] ? breached[5..] : "";
        }
    }
}
