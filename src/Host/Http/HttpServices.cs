using System.IO.Compression;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.ResponseCompression;
using Platform.SharedKernel.Infrastructure.Http;

namespace Platform.Host.Http;

/// <summary>What every request meets before its slice.</summary>
internal static class HttpServices
{
    public static IServiceCollection AddPlatformHttp(this IServiceCollection services, WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(PlatformHostOptions.SectionName).Get<PlatformHostOptions>() ?? new PlatformHostOptions();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
            kestrel.Limits.MaxResponseBufferSize = 512 * 1024;
            kestrel.ConfigureHttpsDefaults(https => https.SslProtocols = SslProtocols.Tls13);
        });
        services.AddSingleton<IMemoryPoolFactory<byte>, TransportMemory>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json"];
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(options.AllowedOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .AllowAnyHeader()
            .AllowAnyMethod()
            .WithExposedHeaders("ETag", "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")));
        services.AddDerivedDataProtection();
        services.AddPlatformRateLimits();
        services.AddPlatformOpenApi();
        return services;
    }

    /// <summary>Gives the framework's own refusals, which have no body, the shape of a problem.</summary>
    public static void UseProblemsForStatusCodes(this WebApplication app) =>
        app.UseStatusCodePages(context =>
        {
            var problem = context.HttpContext.Response.StatusCode switch
            {
                400 when UnboundParameters.Find(context.HttpContext) is { } unbound => unbound,
                404 => new Problem(404, "route_not_found", "There is no such route."),
                405 => new Problem(405, "method_not_allowed", "This route does not answer that method."),
                406 => new Problem(406, "not_acceptable", "This route cannot answer in that media type."),
                413 => new Problem(413, "body_too_large", "The body is larger than this route accepts."),
                415 => new Problem(415, "unsupported_media_type", "This route does not read that media type."),
                var status and >= 400 => new Problem(status, "request_refused", "The request cannot be served."),
                _ => null,
            };
            return problem?.WriteAsync(context.HttpContext) ?? Task.CompletedTask;
        });

    public static void UseSecurityHeaders(this WebApplication app) =>
        app.Use((http, next) =>
        {
            var headers = http.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.ContentSecurityPolicy = PolicyOf(http.Request.Path);
            if (http.Request.IsHttps)
            {
                headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            }

            return next(http);
        });

    // Pages need their own scripts and styles; everything else is data, which no browser has a reason to run.
    private static string PolicyOf(PathString path) =>
        path.StartsWithSegments("/docs") || path.Value?.StartsWith("/hangfire", StringComparison.Ordinal) == true
            ? "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
                + "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
            : "default-src 'none'; frame-ancestors 'none'";
}
