using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.SharedKernel.Infrastructure.Supabase;

namespace Platform.Host;

/// <summary>Once the server listens, tells the rest where: the embedded Supabase has the Host's own address.</summary>
internal sealed class ServerAddressService(
    IServer server, SupabaseAddress supabase, OwnPorts ownPorts, IConfiguration configuration, IOptions<PlatformHostOptions> options)
    : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var urls = (configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        foreach (var address in urls.Select(BindingAddress.Parse))
        {
            var loopback = IsLoopback(address.Host);
            ownPorts.LoopbackOnly &= loopback;
            if (!loopback && address.Scheme == Uri.UriSchemeHttp && !options.Value.BehindProxy)
            {
                throw new HostStartException(
                    "public_address_without_tls",
                    $"{address} is a public address without TLS. Use https, or say Platform__BehindProxy=true if a proxy in front ends TLS.");
            }
        }

        var isPublic = options.Value.BehindProxy
            || (options.Value.PublicUrl is { Length: > 0 } url && !(Uri.TryCreate(url, UriKind.Absolute, out var known) && known.IsLoopback));
        if (options.Value.Playground && (isPublic || !ownPorts.LoopbackOnly))
        {
            throw new HostStartException(
                "playground_in_public",
                "The playground is for development. Leave Platform__Playground out, or listen on loopback alone, with no public URL and no proxy.");
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(BindingAddress.Parse).ToList() ?? [];
        foreach (var address in addresses)
        {
            ownPorts.Add(address.Port);
        }

        if (string.IsNullOrEmpty(configuration["Supabase:Url"]) && addresses.Count > 0)
        {
            supabase.Set(options.Value.PublicUrl ?? Reachable(addresses[0]));
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static string Reachable(BindingAddress address) =>
        $"{address.Scheme}://{(IsLoopback(address.Host) ? address.Host : "127.0.0.1")}:{address.Port}";
}
