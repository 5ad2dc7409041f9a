using System.Net.Http.Headers;
using System.Text.Json;
using Hangfire;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Host.Jobs;

/// <summary>The Hangfire dashboard, for staff. A browser signs in on a page of ours, which keeps the token in a cookie for this path alone.</summary>
internal static class OperatorPages
{
    private const string Dashboard = "/hangfire";
    private const string SignIn = "/hangfire-sign-in";
    private const string Cookie = "platform_staff";

    /// <summary>Sends a browser that has not signed in to the page for it. Stands before authorization, which would answer 401.</summary>
    public static void UseOperatorSignIn(this WebApplication app) =>
        app.UseWhen(
            http => http.Request.Path.StartsWithSegments(Dashboard) && IsBrowser(http) && !IsStaff(http),
            branch => branch.Run(http =>
            {
                http.Response.Redirect(SignIn);
                return Task.CompletedTask;
            }));

    public static void MapOperatorPages(this WebApplication app)
    {
        QueuePages.Register();
        app.MapHangfireDashboard(Dashboard, new DashboardOptions { Authorization = [], DashboardTitle = "Platform jobs" })
            .RequireAuthorization(KernelServices.StaffPolicy);
        app.MapGet(SignIn, () => TypedResults.Content(Page(""), "text/html")).AllowAnonymous().ExcludeFromDescription();
        app.MapPost(SignIn, SignInAsync).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
    }

    private static bool IsStaff(HttpContext http) => http.User.IsInRole("support") || http.User.IsInRole("admin");

    private static bool IsBrowser(HttpContext http) =>
        http.Request.Headers.Authorization.Count == 0 && http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);

    private static async Task<IResult> SignInAsync(
        HttpContext http, IHttpClientFactory clients, SupabaseAddress supabase, IOptions<SupabaseOptions> options)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{supabase.Url}/auth/v1/token?grant_type=password")
        {
            Content = JsonContent.Create(new { email = form["email"].ToString(), password = form["password"].ToString() }),
        };
        request.Headers.Add("apikey", options.Value.AnonKey);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var client = clients.CreateClient();
        using var response = await client.SendAsync(request, http.RequestAborted);
        if (!response.IsSuccessStatusCode)
        {
            return TypedResults.Content(Page("That address and password do not match."), "text/html", statusCode: 401);
        }

        var session = await response.Content.ReadFromJsonAsync<JsonElement>(http.RequestAborted);
        http.Response.Cookies.Append(Cookie, session.GetProperty("access_token").GetString()!, new CookieOptions
        {
            HttpOnly = true,
            Secure = http.Request.IsHttps,
            SameSite = SameSiteMode.Strict,
            Path = Dashboard,
            MaxAge = TimeSpan.FromSeconds(session.GetProperty("expires_in").GetInt32()),
        });
        return TypedResults.Redirect(Dashboard);
    }

    private static string Page(string message) =>
        $$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Platform jobs</title>
        <style>body{font:16px system-ui;max-width:22rem;margin:4rem auto}label{display:block;margin:.8rem 0}input{width:100%;padding:.4rem}</style></head>
        <body><h1>Platform jobs</h1><p role="alert">{{message}}</p>
        <form method="post"><label>E-mail <input name="email" type="email" autocomplete="username" required></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button></form></body></html>
        """;
}
